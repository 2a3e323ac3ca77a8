# Meta-analyses by metafor of eight of metadat's data sets, as oracles for calor.evidence.synthesis, and effect
# sizes by metafor::escalc for calor.evidence.effects.
#
# Usage: Rscript scripts/oracles/metafor.R > tests/oracles/metafor.json   (Debian: r-cran-metafor, r-cran-metadat)
#
# Only derived numbers leave this script (effect sizes, their variances, the moderators used, results), not the
# data sets. Iterations run to 1e-12 or closer.
suppressMessages({ library(metadat); library(metafor) })
fine <- list(threshold = 1e-12, maxiter = 10000, tol = .Machine$double.eps, tau2.max = 1e6)
search <- list(tol = .Machine$double.eps, maxiter = 10000, tau2.max = 1e6)

# --- writing JSON with all digits ---------------------------------------------------------------------------
quoted <- function(x) paste0('"', gsub('"', '\\\\"', x), '"')
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x) && !is.null(names(x)))
    return(paste0("{", paste0(quoted(names(x)), ": ", vapply(x, json, ""), collapse = ", "), "}"))
  if (is.list(x)) return(paste0("[", paste0(vapply(x, json, ""), collapse = ", "), "]"))
  if (is.character(x)) text <- quoted(x)
  else if (is.logical(x)) text <- tolower(as.character(x))
  else text <- ifelse(is.finite(x), formatC(as.numeric(x), digits = 17, format = "g"), "null")
  if (inherits(x, "AsIs") || length(x) > 1) paste0("[", paste0(text, collapse = ", "), "]") else text
}

# --- effect sizes of the data sets --------------------------------------------------------------------------
tables <- function(measure, d, columns) {
  e <- do.call(escalc, c(list(measure = measure, data = d), lapply(columns, as.name)))
  e[!is.na(e$yi), ]
}
colditz <- tables("RR", dat.colditz1994, list(ai = "tpos", bi = "tneg", ci = "cpos", di = "cneg"))
linde <- tables("RR", dat.linde2005, list(ai = "ai", n1i = "n1i", ci = "ci", n2i = "n2i"))
hart <- tables("IRR", dat.hart1999, list(x1i = "x1i", x2i = "x2i", t1i = "t1i", t2i = "t2i"))
konstantopoulos <- dat.konstantopoulos2011
bourassa <- tables("OR", dat.bourassa1996, list(ai = "lh.le", bi = "lh.re", ci = "rh.le", di = "rh.re"))
viechtbauer <- tables("OR", dat.viechtbauer2021, list(ai = "xTi", n1i = "nTi", ci = "xCi", n2i = "nCi"))
pignon <- transform(dat.pignon2000, yi = OmE / V, vi = 1 / V)
baskerville <- transform(dat.baskerville2012, yi = smd, vi = se^2)
sets <- list(
  "dat.colditz1994" = list(d = colditz, x = list(ablat = colditz$ablat, year = colditz$year)),
  "dat.linde2005" = list(d = linde, x = list(major = linde$major, duration = linde$duration)),
  "dat.hart1999" = list(d = hart, x = list(year = hart$year)),
  "dat.konstantopoulos2011" = list(d = konstantopoulos, x = list(year = konstantopoulos$year)),
  "dat.bourassa1996" = list(d = bourassa, x = list(year = bourassa$year, psychologist = 1 * (bourassa$investigator == "psychologist"))),
  "dat.viechtbauer2021" = list(d = viechtbauer, x = list(dose = viechtbauer$dose)),
  "dat.pignon2000" = list(d = pignon, x = list(second = 1 * (pignon$grp == 2), third = 1 * (pignon$grp == 3))),
  "dat.baskerville2012" = list(d = baskerville, x = list(score = baskerville$score, hours = baskerville$hours)))

# --- results ------------------------------------------------------------------------------------------------
result <- function(r) {
  random <- r$method != "FE"
  out <- list(method = r$method, knapp_hartung = r$test == "knha", estimate = I(c(r$beta)), se = I(r$se),
    statistic = I(r$zval), p = I(r$pval), ci_lower = I(r$ci.lb), ci_upper = I(r$ci.ub), tau2 = r$tau2, i2 = r$I2,
    h2 = r$H2, q = r$QE, q_p = r$QEp, weights = I(unname(weights(r)) / 100))
  if (r$p > 1) out <- c(out, list(qm = r$QM, qm_p = r$QMp))
  if (random) {
    if (r$method == "REML") out$tau2_se <- r$se.tau2
    bounds <- suppressMessages(confint(r, control = search)$random)
    out <- c(out, list(tau2_ci = I(unname(bounds["tau^2", 2:3])), i2_ci = I(unname(bounds["I^2(%)", 2:3]))))
    at <- if (r$p > 1) predict(r, newmods = rep(0, r$p - 1)) else predict(r)
    out$prediction <- I(c(at$pi.lb[1], at$pi.ub[1]))
  }
  out
}
analyse <- function(d, x) {
  fits <- list()
  for (method in c("FE", "DL", "PM", "REML")) for (test in c("z", "knha")) {
    fits[[length(fits) + 1]] <- result(rma(yi, vi, data = d, method = method, test = test, control = fine))
    fits[[length(fits) + 1]] <- c(moderated = TRUE, result(rma(yi, vi, mods = as.matrix(as.data.frame(x)), data = d,
      method = method, test = test, control = fine)))
  }
  fits
}
sensitivity <- function(d) {
  r <- rma(yi, vi, data = d, method = "REML", control = fine)
  common <- rma(yi, vi, data = d, method = "FE")
  one <- leave1out(r); step <- cumul(r); lm <- regtest(r, model = "lm"); mixed <- regtest(r); rank <- ranktest(r)
  filled <- trimfill(rma(yi, vi, data = d, method = "DL")); filled_fe <- trimfill(common)
  list(leave_one_out = list(estimate = one$estimate, se = one$se, tau2 = one$tau2, i2 = one$I2, q = one$Q),
    cumulative = list(estimate = step$estimate, se = step$se, tau2 = step$tau2),
    egger = list(statistic = lm$zval, df = lm$dfs, p = lm$pval, limit = lm$est, limit_ci = I(c(lm$ci.lb, lm$ci.ub))),
    regression = list(statistic = mixed$zval, p = mixed$pval, limit = mixed$est, limit_ci = I(c(mixed$ci.lb, mixed$ci.ub))),
    rank = list(tau = unname(rank$tau), p = rank$pval),
    trim_and_fill = list(side = filled$side, missing = filled$k0, estimate = c(filled$beta), se = filled$se, tau2 = filled$tau2),
    trim_and_fill_common = list(side = filled_fe$side, missing = filled_fe$k0, estimate = c(filled_fe$beta), se = filled_fe$se))
}
effect <- function(measure, ...) {
  e <- do.call(escalc, c(list(measure = measure), list(...)))
  list(measure = measure, arguments = list(...), yi = c(e$yi), vi = e$vi)
}
escalc_cases <- list(
  effect("MD", m1i = 5, sd1i = 2, n1i = 12, m2i = 4, sd2i = 2.5, n2i = 14),
  effect("MD", m1i = -1.3, sd1i = 0.7, n1i = 5, m2i = 2.2, sd2i = 3.1, n2i = 60),
  effect("SMD", m1i = 5, sd1i = 2, n1i = 12, m2i = 4, sd2i = 2.5, n2i = 14),
  effect("SMD", m1i = 4.1, sd1i = 1.9, n1i = 2, m2i = 6.8, sd2i = 2.2, n2i = 3),
  effect("SMD", m1i = 6.1, sd1i = 2.1, n1i = 300, m2i = 6.4, sd2i = 2.2, n2i = 310))
for (measure in c("OR", "RR", "RD")) for (to in c("only0", "all", "none"))
  for (cells in list(c(4, 12, 9, 14), c(0, 12, 9, 14), c(0, 12, 0, 14), c(12, 12, 14, 14), c(12, 12, 3, 14)))
    escalc_cases[[length(escalc_cases) + 1]] <- suppressWarnings(effect(measure, ai = cells[1], n1i = cells[2], ci = cells[3], n2i = cells[4], to = to))
for (r in c(-0.3, 0, 0.6, 0.95)) for (n in c(2, 12, 80)) for (measure in if (n > 2) c("MC", "SMCR") else "MC")
  escalc_cases[[length(escalc_cases) + 1]] <- effect(measure, m1i = 5, sd1i = 2, m2i = 4, sd2i = 2.5, ri = r, ni = n)

# change from baseline in two groups: the difference of two within-group changes
change <- function(measure, active, control) {
  group <- function(g) c(list(measure = measure, m1i = g[1], m2i = g[2], ni = g[5], ri = g[6]),
    if (measure == "MC") list(sd1i = g[3], sd2i = g[4]) else list(sd1i = g[4]))
  a <- do.call(escalc, group(active)); b <- do.call(escalc, group(control))
  list(measure = measure, active = active, control = control, yi = c(a$yi) - c(b$yi), vi = a$vi + b$vi)
}
groups <- list(list(c(4, 7, 2, 2.2, 16, 0.5), c(6, 7.1, 3, 2.4, 9, 0.4)), list(c(5.2, 6.9, 2.4, 1.3, 52, 0.3), c(5.9, 6.8, 2.5, 1.4, 56, 0.3)))
changes <- list()
for (pair in groups) for (measure in c("MC", "SMCR")) changes[[length(changes) + 1]] <- change(measure, pair[[1]], pair[[2]])

sets_out <- lapply(sets, function(s) list(yi = c(s$d$yi), vi = c(s$d$vi), moderators = s$x,
  analyses = analyse(s$d, s$x), sensitivity = sensitivity(s$d)))
cat(json(list(generated_by = "scripts/oracles/metafor.R", tools = list(R = R.version.string,
  metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat"))),
  sets = sets_out, escalc = escalc_cases, changes = changes)), "\n", sep = "")
