"""What happens when somebody asks, submits, posts or exports: one module a topic."""
