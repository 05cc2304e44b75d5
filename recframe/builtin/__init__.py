"""What ships as plugins: encoders, feature types, losses, datasets and exporters.

Nothing imports these modules; the manager names them, and each imports what any plugin may: `recframe` and
`recframe.export`.
"""
