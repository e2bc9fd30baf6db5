package dev.onepass.operators.event;

/**
 * What all sequences of a head share, as it comes from the broadcast input.
 *
 * @param name head and version
 * @param bytes the set in the library's wire format
 */
public record AnchorSet(String name, byte[] bytes) {}
