"""Written reports: the chapters of a run as blocks, to be shown as a page of HTML or as PDF."""
