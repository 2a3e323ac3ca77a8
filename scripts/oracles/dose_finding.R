# Writes tests/oracles/dose_finding.json: contrasts, critical values and fits of DoseFinding.
#
# Usage: Rscript scripts/oracles/dose_finding.R > tests/oracles/dose_finding.json
# (Debian: r-cran-dosefinding, r-cran-jsonlite)
suppressMessages({library(DoseFinding); library(jsonlite)})
precise <- mvtnorm.control(maxpts = 5e5, abseps = 1e-5, releps = 0)
case_of <- function(doses, n, shapes, models, alpha) {
  optimal <- optContr(models, w = n)
  df <- sum(n) - length(n)
  correlation <- optimal$corMat
  list(doses = doses, n = n, shapes = shapes, alpha = alpha, df = df,
       contrasts = unname(t(optimal$contMat)), correlation = unname(correlation),
       critical_value = DoseFinding:::critVal(correlation, alpha = alpha, df = df, alternative = "one.sided", control = precise))
}
glyco <- c(0, 12.5, 25, 50, 100)
four <- c(0, 10, 20, 40)
cases <- list(
  case_of(glyco, rep(60, 5),
          list(list(shape = "emax", ed50 = 2.6), list(shape = "emax", ed50 = 12.5),
               list(shape = "sigmoid-emax", ed50 = 30.5, hill = 3.5), list(shape = "quadratic", delta = -0.00776)),
          Mods(emax = c(2.6, 12.5), sigEmax = c(30.5, 3.5), quadratic = -0.00776, doses = glyco, placEff = 1.25,
               maxEff = 0.15), 0.025),
  case_of(four, c(40, 20, 20, 20),
          list(list(shape = "emax", ed50 = 10), list(shape = "linear"), list(shape = "exponential", delta = 15)),
          Mods(emax = 10, linear = NULL, exponential = 15, doses = four, placEff = 0, maxEff = 1), 0.025),
  case_of(four, rep(8, 4),
          list(list(shape = "emax", ed50 = 5), list(shape = "linear"),
               list(shape = "logistic", ed50 = 20, delta = 5), list(shape = "sigmoid-emax", ed50 = 15, hill = 4)),
          Mods(emax = 5, linear = NULL, logistic = c(20, 5), sigEmax = c(15, 4), doses = four, placEff = 0,
               maxEff = 1), 0.05))
fit_of <- function(doses, means, covariance, shape, model) {
  bounds <- defBnds(max(doses))[[model]]
  fit <- fitMod(doses, means, S = covariance, model = model, type = "general", bnds = bounds,
                control = list(nlminbcontrol = list(rel.tol = 1e-14, x.tol = 1e-12), gridSize = list(dim1 = 60, dim2 = 60)))
  curve <- predict(fit, predType = "effect-curve", doseSeq = doses[-1], se.fit = TRUE)
  list(shape = shape, effects = as.vector(curve$fit), errors = as.vector(curve$se.fit), gaic = as.numeric(gAIC(fit)),
       coefficients = as.vector(coef(fit)))
}
named <- c("emax" = "emax", "sigmoid-emax" = "sigEmax", "linear" = "linear", "quadratic" = "quadratic",
           "exponential" = "exponential", "logistic" = "logistic")
fits_of <- function(doses, means, covariance)
  list(doses = doses, means = means, covariance = covariance,
       fits = lapply(names(named), function(shape) fit_of(doses, means, covariance, shape, named[[shape]])))
data(glycobrom)
spread <- matrix(0.0001, 5, 5) + diag(c(2, 2.3, 1.9, 2, 2.2)) * 1e-4
fits <- list(fits_of(glycobrom$dose, glycobrom$fev1, diag(0.015^2, 5)), fits_of(glycobrom$dose, glycobrom$fev1, spread),
             fits_of(c(0, 5, 10, 20, 40), c(0.1, 0.4, 1.1, 1.5, 1.6), diag(0.04, 5)))
writeLines(toJSON(list(tool = paste0("DoseFinding ", packageVersion("DoseFinding"), ", mvtnorm ",
                                     packageVersion("mvtnorm"), ", R ", getRversion()),
                       cases = cases, fits = fits), digits = NA, auto_unbox = TRUE))
