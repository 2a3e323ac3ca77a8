# Bayesian random-effects meta-analyses by brute force in base R, as oracles for calor.evidence.synthesis.bayes.
#
# Usage: Rscript scripts/oracles/bayesian_meta.R > tests/oracles/bayesian_meta.json   (Debian: r-base-core)
#
# Nothing is integrated in closed form: the product of the normal likelihoods and the two priors is summed over a
# dense grid of mu (trapezoids) and tau (Simpson's rule), and quantiles are found by uniroot.
simpson <- function(f, upper, n = 800) {
  x <- seq(0, upper, length.out = n + 1)
  sum(f(x) * c(1, rep(c(4, 2), length.out = n - 1), 1)) * upper / n / 3
}
analyse <- function(y, v, scale, m0, s0) {
  reach <- 8 * (sqrt(max(v)) + scale + min(s0, 2)); low <- min(y, m0) - reach; high <- max(y, m0) + reach
  mu <- seq(low, high, length.out = 1201); step <- mu[2] - mu[1]
  over_mu <- function(g) function(tau) vapply(tau, function(t) {
    likelihood <- 1
    for (i in seq_along(y)) likelihood <- likelihood * dnorm(y[i], mu, sqrt(v[i] + t^2))
    sum(g(mu, t) * likelihood * dnorm(mu, m0, s0)) * step * 2 * dnorm(t, 0, scale)
  }, 0)
  top <- 10 * scale
  total <- simpson(over_mu(function(m, t) 1), top)
  mean_of <- function(g) simpson(over_mu(g), top) / total
  centre <- mean_of(function(m, t) m); tau <- mean_of(function(m, t) t)
  tau_below <- function(x) simpson(over_mu(function(m, t) 1), x) / total
  quantile <- function(below, share, a, b) uniroot(function(x) below(x) - share, c(a, b), tol = 1e-10)$root
  list(yi = y, vi = v, tau_scale = scale, prior_mean = m0, prior_sd = s0, log_marginal_likelihood = log(total),
    mu_mean = centre, mu_sd = sqrt(mean_of(function(m, t) (m - centre)^2)), tau_mean = tau,
    tau_sd = sqrt(mean_of(function(m, t) (t - tau)^2)), tau_median = quantile(tau_below, 0.5, 1e-6, top),
    tau_upper = quantile(tau_below, 0.975, 1e-6, top),
    new_sd = sqrt(mean_of(function(m, t) (m - centre)^2 + t^2)))
}
cases <- list(
  analyse(c(-0.9, -0.1, 0.2), c(0.09, 0.04, 0.25), 0.5, 0, 2),
  analyse(c(-1.5, -0.3, -2.4, 0.6), c(0.5, 0.3, 0.9, 0.2), 1, 0, 10),
  analyse(c(0.4), c(0.1), 0.5, -0.2, 1),
  analyse(c(3, -3), c(0.05, 0.05), 0.5, 0, 1))
number <- function(x) trimws(formatC(x, digits = 15, format = "g"))
value <- function(name, x)
  if (name %in% c("yi", "vi")) paste0("[", paste(number(x), collapse = ", "), "]") else number(x)
row <- function(case)
  paste0("{", paste0('"', names(case), '": ', mapply(value, names(case), case), collapse = ", "), "}")
cat('{"generated_by": "scripts/oracles/bayesian_meta.R", "tools": {"R": "', R.version.string, '"}, "cases": [\n',
  paste(vapply(cases, row, ""), collapse = ",\n"), "\n]}\n", sep = "")
