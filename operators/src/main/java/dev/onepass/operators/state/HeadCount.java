package dev.onepass.operators.state;

import dev.onepass.operators.metrics.Footprint;

/**
 * What the sequences of one head add up to in some key groups.
 *
 * @param firstKeyGroup of the subtask that counted
 * @param lastKeyGroup of the subtask that counted
 * @param head name of the head
 * @param total of its sequences
 */
public record HeadCount(int firstKeyGroup, int lastKeyGroup, String head, Footprint total) {}
