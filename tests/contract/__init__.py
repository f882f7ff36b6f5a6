"""What every `PaymentGateway` promises."""
