/** Builds the graph of operators from decoded events to replies. */
package dev.onepass.operators.topology;
