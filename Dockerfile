# Fireside in a container that may write to /data alone. docs/operators.md says how to run it.

FROM python:3.13-slim AS build
WORKDIR /app
COPY pyproject.toml constraints.txt ./
# The libraries first and alone, so that a change of the code does not fetch them again.
RUN python -c "import tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
        print(*project['dependencies'], *project['optional-dependencies']['postgres'], sep='\n')" \
        > /tmp/requirements.txt \
    && python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --no-cache-dir --only-binary=:all: \
        --requirement /tmp/requirements.txt --constraint constraints.txt
COPY README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY data/interviews data/interviews
# Nothing can be compiled later: the user can't write here.
RUN pip --python /venv/bin/python install --no-cache-dir --no-deps --editable . \
    && /venv/bin/python -m compileall -q bot cogs

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --no-create-home fireside \
    && install --directory --owner=fireside --group=fireside --mode=0700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite+aiosqlite:////data/fireside.db \
    BACKUP_DIR=/data/backups \
    HEALTH_PORT=8138
USER fireside
VOLUME /data
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s --retries=3 CMD ["python", "-m", "bot", "health"]
# As a list: a shell in between would keep SIGTERM from the bot.
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
