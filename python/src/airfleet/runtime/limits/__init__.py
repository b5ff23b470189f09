"""Code of users, in processes of its own with limits. No wall against attackers: they are the same user of the machine."""
