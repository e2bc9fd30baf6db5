/**
 * Order by event time: events wait until the watermark has passed them and go on in the order of
 * their timestamps. Only there where the options ask for it.
 */
package dev.onepass.operators.ordering;
