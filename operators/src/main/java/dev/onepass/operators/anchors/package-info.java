/** Anchor sets in the job: options, records, checks, and the sets that a subtask holds. */
package dev.onepass.operators.anchors;
