"""Ways to meter a call, each as a script that runs offline."""
