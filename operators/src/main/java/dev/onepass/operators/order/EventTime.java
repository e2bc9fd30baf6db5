package dev.onepass.operators.order;

import java.io.Serializable;
import java.time.Duration;

/**
 * That events apply in the order of their timestamps.
 *
 * @param lateness by how much timestamps within a partition may go back, at least 0: the watermark
 *     follows the highest one at this distance
 * @param idleness a partition that is silent for so long is not waited for
 */
public record EventTime(Duration lateness, Duration idleness) implements Serializable {}
