"""From a CSV file to the table of accepted calls, with every line accounted for."""
