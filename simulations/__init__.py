"""The weather around the business: virtual time, a simulated Stripe, customers, outages and what is measured."""
