/**
 * What a run needs before tokens flow: options, the configuration of the job, attention heads,
 * anchor sets, topics and a temporary directory.
 */
package dev.onepass.demo.run;
