/** The graph of operators between decoded events and replies. */
package dev.onepass.operators.topology;
