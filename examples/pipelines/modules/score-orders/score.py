"""Gets a pandas frame for each input, in the order of the manifest, and the node's config."""


def score(orders, config):
    """Adds a column."""
    return orders.assign(is_large=orders["amount"] >= config["threshold"])
