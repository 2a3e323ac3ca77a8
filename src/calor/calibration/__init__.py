"""From evidence to posterior: likelihood, rivals, sampler, diagnostics. Knows no trial protocol."""
