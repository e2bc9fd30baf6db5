/** The options of the job: their declaration, their readers and the checks of their values. */
@Internal
package dev.onepass.job.options;

import dev.onepass.sketch.annotations.Internal;
