/** What a run sends to the job and reads from it. */
package dev.onepass.demo.traffic;
