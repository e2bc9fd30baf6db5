/** Readers and writers of records as Protobuf. */
@Internal
package dev.onepass.job.format.protobuf;

import dev.onepass.sketch.annotations.Internal;
