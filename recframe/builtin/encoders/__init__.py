"""From the steps of a history to one vector. A layer stands apart from its options, so that listing loads no Keras."""
