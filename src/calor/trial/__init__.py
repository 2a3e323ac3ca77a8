"""Protocol, conduct, analysis and operating characteristics of trials. Reads a posterior, never makes one."""
