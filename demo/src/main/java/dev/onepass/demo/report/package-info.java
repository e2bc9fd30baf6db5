/** What a run shows: errors relative to exact attention, lost tokens, and the printed table. */
package dev.onepass.demo.report;
