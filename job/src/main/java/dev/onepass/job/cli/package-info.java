/** Commands next to the job: publishing anchor sets, and sending lost queries again. */
@Internal
package dev.onepass.job.cli;

import dev.onepass.sketch.annotations.Internal;
