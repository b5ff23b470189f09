"""Code of users, in processes of its own with limits. No wall against attackers: it is the same user of the machine."""
