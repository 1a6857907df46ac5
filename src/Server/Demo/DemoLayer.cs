using System.Text;
using Fairlead.Catalog.Configuration;

namespace Fairlead.Server.Demo;

/// <summary>The demo models (<c>demo.json</c>) as a layer of configuration.</summary>
internal static class DemoLayer
{
    /// <summary>The model of the printed <c>curl</c> line.</summary>
    public const string FirstModel = "demo/chat";

    /// <summary>The layer, its provider being the simulator at <paramref name="simulator"/>.</summary>
    public static ConfigurationDocument At(Uri simulator)
    {
        using var resource = typeof(DemoLayer).Assembly.GetManifestResourceStream("Fairlead.Server.Demo.demo.json")
            ?? throw new InvalidOperationException("demo.json is not embedded.");
        using var reader = new StreamReader(resource);
        var text = reader.ReadToEnd().Replace("ADDRESS/", simulator.ToString().TrimEnd('/') + "/", StringComparison.Ordinal);
        return new("the built-in demo", Encoding.UTF8.GetBytes(text));
    }
}
