"""Where rows between steps are kept."""
