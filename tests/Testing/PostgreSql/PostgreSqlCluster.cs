using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Fairlead.Testing.PostgreSql;

/// <summary>
/// One throw-away PostgreSQL per test process: made at the first use in a temporary folder, on a free port of this machine only, ended with the process,
/// however that ends. Without fsync: tests kill the program, never the server.
/// </summary>
public sealed class PostgreSqlCluster : IDisposable
{
    /// <summary>
    /// Runs the server until the standard input closes, which is when this process ends; on the way it stops and starts it as it is told there. <c>initdb</c>
    /// refuses root, so there the user <c>postgres</c> runs it.
    /// </summary>
    private const string Script =
        """
        set -e
        bin=$1 port=$2
        dir=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-pg-XXXXXX")
        as=""
        if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; as="setpriv --reuid=postgres --regid=postgres --clear-groups --"; fi
        cd "$dir"
        if ! $as "$bin/initdb" -D "$dir/data" -U fairlead -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1; then cat "$dir/initdb.log"; rm -rf "$dir"; exit 1; fi
        serve() {
            $as "$bin/postgres" -D "$dir/data" -k "$dir" -h 127.0.0.1 -p "$port" -F -c max_connections=200 -c full_page_writes=off \
                -c autovacuum=off -c logging_collector=off >>"$dir/server.log" 2>&1 </dev/null &
            server=$!
            if ! timeout 60 sh -c "until $bin/pg_isready -q -h 127.0.0.1 -p $port; do kill -0 $server 2>/dev/null || exit 1; sleep 0.05; done"; then
                cat "$dir/server.log"; kill -QUIT $server 2>/dev/null || true; rm -rf "$dir"; exit 1
            fi
            echo ready
        }
        serve
        while read -r word; do
            case $word in
                start) serve ;;
                # Ends sessions in order, or at once.
                INT|QUIT) kill -$word $server; wait $server 2>/dev/null || true; echo stopped ;;
            esac
        done
        kill -QUIT $server 2>/dev/null || true
        wait $server 2>/dev/null || true
        rm -rf "$dir"
        """;

    private static readonly Lazy<PostgreSqlCluster> Shared = new(Start);
    private static int _databases;

    // Its standard input is what keeps the server alive.
    private readonly Process _process;
    private readonly int _port;

    private PostgreSqlCluster(Process process, int port)
    {
        _process = process;
        _port = port;
    }

    /// <summary>The server of this process, started at the first call.</summary>
    public static PostgreSqlCluster Current => Shared.Value;

    /// <summary>A server of its own, for who stops it; ended by <see cref="Dispose"/>.</summary>
    public static PostgreSqlCluster StartOwn() => Start();

    /// <summary>Stops the server: in order, or as if it was killed.</summary>
    public void StopServer(bool atOnce)
    {
        Say(atOnce ? "QUIT" : "INT");
        Hear("stopped");
    }

    /// <summary>Starts it again, at the same port.</summary>
    public void StartServer()
    {
        Say("start");
        Hear("ready");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>An empty database of its own; the address ends with <c>Database=…</c>.</summary>
    public string CreateDatabase()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        Execute($"CREATE DATABASE {name}");
        return Address(name);
    }

    /// <summary>How to reach a database of this server.</summary>
    public string Address(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=fairlead;Maximum Pool Size=20;Database={database}");

    /// <summary>Makes a user whom the server asks for a password ("secret").</summary>
    public void RequirePassword(string user)
    {
        Execute($"CREATE ROLE {user} LOGIN PASSWORD 'secret'");
        // The first line that fits decides. The function runs as the server, which may read and write its own files.
        Execute($"""
            CREATE TEMP TABLE rules (line TEXT, number SERIAL);
            INSERT INTO rules (line) VALUES ('host all {user} 127.0.0.1/32 scram-sha-256');
            INSERT INTO rules (line) SELECT regexp_split_to_table(pg_read_file(current_setting('hba_file')), E'\n');
            DO $$ BEGIN EXECUTE format('COPY (SELECT line FROM rules ORDER BY number) TO %L', current_setting('hba_file')); END $$;
            SELECT pg_reload_conf();
            """);
    }

    /// <summary>Runs a statement as the owner of the server.</summary>
    public void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(Address("postgres") + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static PostgreSqlCluster Start()
    {
        var port = FreePort();
        var process = Process.Start(new ProcessStartInfo("sh", ["-c", Script, "postgresql-for-tests", Binaries(), port.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        })!;
        var cluster = new PostgreSqlCluster(process, port);
        cluster.Hear("ready");
        return cluster;
    }

    private void Say(string word)
    {
        _process.StandardInput.WriteLine(word);
        _process.StandardInput.Flush();
    }

    private void Hear(string word)
    {
        var said = new List<string>();
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (line == word)
            {
                return;
            }

            said.Add(line);
        }

        throw new InvalidOperationException($"PostgreSQL could not be run for the tests: {string.Join("\n", said)}");
    }

    /// <summary>The newest version installed. Debian keeps the server's programs out of the PATH.</summary>
    private static string Binaries()
    {
        const string debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(debian) ? Directory.GetDirectories(debian) : [];
        return versions
                .OrderByDescending(static path => int.TryParse(Path.GetFileName(path), out var version) ? version : 0)
                .Select(static path => Path.Combine(path, "bin"))
                .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
                .FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "initdb")))
            ?? throw new InvalidOperationException("The tests need PostgreSQL 15 or newer. On Debian or Ubuntu: apt-get install postgresql");
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
