/** The keyed operator that folds tokens and answers queries. */
package dev.onepass.operators.sequence;
