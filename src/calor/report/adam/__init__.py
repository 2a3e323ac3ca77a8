"""The data of a simulated trial as CDISC hands them on: transport files, Define-XML, Dataset-JSON."""
