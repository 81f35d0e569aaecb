"""From pictures, landmarks and sound to numbers: what the inputs of a kind share, without a device."""
