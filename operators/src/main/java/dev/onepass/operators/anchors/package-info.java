/**
 * Takes anchor sets into the job: options, checks of records, and the sets that a subtask holds.
 */
@Internal
package dev.onepass.operators.anchors;

import dev.onepass.sketch.annotations.Internal;
