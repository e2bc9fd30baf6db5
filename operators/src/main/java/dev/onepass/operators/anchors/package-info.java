/**
 * Takes anchor sets into the job: options, checks of records, and the sets that a subtask holds.
 */
package dev.onepass.operators.anchors;
