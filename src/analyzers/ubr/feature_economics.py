"""Feature economics: being written by a colleague right now (see feature_result.py); please take something else."""
