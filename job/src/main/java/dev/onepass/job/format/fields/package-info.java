/** The fields of records, and the base of readers and writers of all formats. */
@Internal
package dev.onepass.job.format.fields;

import dev.onepass.sketch.annotations.Internal;
