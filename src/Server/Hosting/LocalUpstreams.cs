using System.Text.Json;
using Fairlead.Catalog;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Discovery;
using Fairlead.Catalog.Snapshot;
using Fairlead.Server.Commands;
using Fairlead.Server.Demo;
using Fairlead.Server.Settings;
using Fairlead.Simulator;

namespace Fairlead.Server.Hosting;

/// <summary>
/// Providers on this machine that nobody configured: an Ollama server that answers, and the simulator where nothing else could
/// (<c>--demo</c>). They are layers of configuration between the shipped catalog and the operator's files.
/// </summary>
internal sealed class LocalUpstreams : IAsyncDisposable
{
    private readonly SimulatorServer? simulator;

    private LocalUpstreams(ServeSettings serve, DiscoveredModels? ollama, SimulatorServer? simulator)
    {
        this.simulator = simulator;
        var layers = new List<ConfigurationDocument>();
        if (ollama is not null)
            layers.Add(OllamaProbe.Layer(ollama.BaseUrl));
        if (simulator is not null)
            layers.Add(DemoLayer.At(simulator.Address));
        Settings = new CatalogSettings
        {
            Files = serve.Installation.ConfigFiles, Layers = layers, Discovered = ollama is null ? [] : [ollama], Environment = serve.Environment.Get,
        };
    }

    /// <summary>What the catalog is made of: the layers found here, the operator's files, the environment.</summary>
    public CatalogSettings Settings { get; }

    /// <summary>Looks for Ollama and decides about the demo.</summary>
    public static async Task<LocalUpstreams> FindAsync(ServeSettings settings, CancellationToken cancellationToken)
    {
        var ollama = await OllamaProbe.LookAsync(settings.Environment.Get("OLLAMA_HOST"), cancellationToken);
        var wanted = settings.Demo == DemoMode.On || (settings.Demo == DemoMode.Auto && ollama is null && !AnythingConfigured(settings));
        return new(settings, ollama, wanted ? await SimulatorHost.StartAsync(new SimulatorOptions(), cancellationToken) : null);
    }

    /// <summary>
    /// The whole catalog: shipped, these layers, the operator's files. Throws <see cref="CommandFailure"/> (exit 1) with every mistake when a file has
    /// one: a server that starts on half of what was meant helps nobody.
    /// </summary>
    public CatalogSnapshot LoadCatalog() => LoadCatalog(Settings);

    /// <summary>The same from settings alone.</summary>
    public static CatalogSnapshot LoadCatalog(CatalogSettings settings)
    {
        var outcome = new CatalogLoader(settings.Environment).Load(settings.Files, settings.Layers, settings.Discovered);
        return outcome.Snapshot ?? throw new CommandFailure(
            ExitCode.Wrong, "The configuration has mistakes:" + string.Concat(outcome.Mistakes.Select(mistake => Environment.NewLine + "  " + mistake)));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (simulator is not null)
            await simulator.DisposeAsync();
    }

    private static bool AnythingConfigured(ServeSettings settings) =>
        settings.Installation.ConfigFiles.Any(NamesProvider) || AnyKeyed(settings);

    // A provider of the shipped catalog whose key is in the environment.
    private static bool AnyKeyed(ServeSettings settings) =>
        new CatalogLoader(settings.Environment.Get).Load(files: [], layers: []).Snapshot is { } shipped
        && shipped.Providers.Any(provider => provider is { Live: true, ApiKey: not null });

    // A file that cannot be read or has a mistake counts: the start ends with that mistake anyway.
    private static bool NamesProvider(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(
                File.ReadAllBytes(file), new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return document.RootElement.ValueKind != JsonValueKind.Object
                || (document.RootElement.TryGetProperty("providers", out var providers)
                    && (providers.ValueKind != JsonValueKind.Array || providers.GetArrayLength() > 0));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return true;
        }
    }
}
