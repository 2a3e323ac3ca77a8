# Writes tests/oracles/many_arms.json: boundaries of several arms against one control, and of a choice of the best.
#
# Usage: Rscript scripts/oracles/many_arms.R FOLDER > tests/oracles/many_arms.json
# FOLDER holds the R sources of MAMS 1.3 (CRAN's archive); Debian's r-cran-mvtnorm and r-cran-jsonlite.
#
# MAMS ends its search at 0.001 and integrates with a random rule; here its search ends at 1e-10, it takes 40 nodes,
# and mvtnorm's rule of Miwa stands for the random one. The two other families are mvtnorm alone.
library(mvtnorm); library(jsonlite)
folder <- commandArgs(trailingOnly = TRUE)[1]
mams_space <- new.env()
for (file in c("mams.R", "generics.R", "internal.R")) sys.source(file.path(folder, file), mams_space)
mams_space$uniroot <- function(..., tol) stats::uniroot(..., tol = 1e-10)
mams_space$pmvnorm <- function(lower = -Inf, upper = Inf, mean = 0, sigma = 1, ...) {
  if (length(upper) == 1) return(pnorm(upper, mean, sqrt(sigma)) - pnorm(lower, mean, sqrt(sigma)))
  mvtnorm::pmvnorm(lower, upper, mean, sigma = sigma, algorithm = Miwa(steps = 256))
}
by_mams <- function(K, r, r0, alpha, shape, futility) {
  design <- mams_space$mams(K = K, J = length(r), alpha = alpha, power = 0.9, r = r, r0 = r0, ushape = shape,
                            lshape = "fixed", lfix = futility, sample.size = FALSE, N = 40)
  list(arms = K, active = r, control = r0, alpha = alpha, shape = shape, futility = futility,
       upper = as.vector(design$u))
}
correlation <- function(K, information, ratio) {
  J <- length(information); look <- rep(seq_len(J), K); arm <- rep(seq_len(K), each = J)
  in_time <- sqrt(outer(information[look], information[look], pmin) / outer(information[look], information[look], pmax))
  in_time * ifelse(outer(arm, arm, "=="), 1, ratio / (1 + ratio))
}
passes <- function(upper, K, information, ratio) {
  n <- K * length(information); R <- correlation(K, information, ratio)
  if (n == 1) return(pnorm(-upper))
  1 - pmvnorm(rep(-Inf, n), rep(upper, K), corr = R, algorithm = Miwa(steps = 256))[1]
}
spending <- function(K, information, alpha, ratio) {
  spent <- 2 * (1 - pnorm(qnorm(1 - alpha / 2) / sqrt(information))); upper <- numeric(0)
  for (look in seq_along(information))
    upper <- c(upper, uniroot(function(u) passes(c(upper, u), K, information[1:look], ratio) - spent[look],
                              c(0, 8), tol = 1e-11)$root)
  list(arms = K, information = information, alpha = alpha, ratio = ratio, upper = upper)
}
selecting <- function(K, information, alpha, ratio) {  # one of K goes on: it is the best at the first look
  rejects <- function(critical) {
    covariance <- matrix(0, K, K)  # of what it leads the others by, and of its last statistic, turned round
    for (i in seq_len(K - 1)) for (j in seq_len(K - 1)) covariance[i, j] <- if (i == j) 1 else 0.5
    covariance[K, K] <- 1
    share <- sqrt(information) * sqrt(1 / (1 + ratio)) / sqrt(2)
    covariance[K, seq_len(K - 1)] <- covariance[seq_len(K - 1), K] <- share
    K * pmvnorm(c(rep(0, K - 1), critical), rep(Inf, K), corr = covariance, algorithm = Miwa(steps = 256))[1]
  }
  list(arms = K, information = information, alpha = alpha, ratio = ratio,
       critical = uniroot(function(c) rejects(c) - alpha, c(0, 6), tol = 1e-11)$root)
}
oracle <- list(
  tool = paste0("MAMS 1.3 and mvtnorm ", packageVersion("mvtnorm"), ", R ", getRversion()),
  mams = list(by_mams(4, 1, 1, 0.05, "obf", 0), by_mams(2, 1, 2, 0.025, "obf", 0),
              by_mams(4, 1:2, 1:2, 0.05, "obf", 0), by_mams(3, 1:2, 1:2, 0.025, "pocock", 0),
              by_mams(2, 1:2, c(2, 4), 0.05, "obf", -20), by_mams(3, 1:2, 1:2, 0.025, "pocock", -20)),
  spending = list(spending(2, c(0.5, 1), 0.025, 1), spending(3, c(0.4, 1), 0.025, 1),
                  spending(2, c(0.5, 1), 0.05, 0.5), spending(2, c(1, 2, 3) / 3, 0.025, 1)),
  selecting = list(selecting(2, 0.5, 0.025, 1), selecting(3, 0.5, 0.05, 1), selecting(4, 0.3, 0.025, 0.5)))
writeLines(toJSON(oracle, digits = NA, auto_unbox = TRUE))
