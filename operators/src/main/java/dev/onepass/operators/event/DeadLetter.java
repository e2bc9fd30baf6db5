package dev.onepass.operators.event;

/**
 * A record that could not be taken, with the reason.
 *
 * @param origin the record
 * @param error what is wrong, beginning with the field at fault
 */
public record DeadLetter(RawRecord origin, String error) {}
