/** The command {@code ranking}: how well answers rank the items that a user may choose next. */
package dev.onepass.bench.ranking;
