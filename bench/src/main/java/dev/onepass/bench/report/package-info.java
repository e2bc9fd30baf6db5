/** Tables as CSV and Markdown, and plots as PNG. */
package dev.onepass.bench.report;
