using Fairlead.Server.Commands;

namespace Fairlead.Server.Settings;

/// <summary>Whether the built-in demo models are offered.</summary>
internal enum DemoMode
{
    /// <summary>Only when nothing else could answer: no provider configured or keyed, no Ollama within a second.</summary>
    Auto,
    /// <summary>Always.</summary>
    On,
    /// <summary>Never.</summary>
    Off,
}

/// <summary>Everything <c>serve</c> needs to know. Immutable.</summary>
internal sealed record ServeSettings
{
    /// <summary>Data folder, database, configuration files.</summary>
    public required Installation Installation { get; init; }
    /// <summary>Addresses to listen on. Default <c>http://127.0.0.1:8080</c>.</summary>
    public IReadOnlyList<ListenAddress> Urls { get; init; } = [ListenAddress.Default];
    /// <summary>Demo models. Default <see cref="DemoMode.Auto"/>.</summary>
    public DemoMode Demo { get; init; }
    /// <summary>How long open streams may go on after SIGTERM. Default 30 seconds; zero cuts at once.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>Where the rest is read: provider keys, bootstrap values, telemetry.</summary>
    public ProcessEnvironment Environment { get; init; } = new();
}
