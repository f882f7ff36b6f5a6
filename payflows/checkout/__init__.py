"""The e-commerce checkout: hold stock, take the payment, ship."""
