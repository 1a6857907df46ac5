using Fairlead.Inference.Plugins.FileParser;
using Fairlead.Inference.Plugins.FileParser.Ocr;
using Fairlead.Inference.Plugins.FileParser.Pdf;
using Fairlead.Inference.Plugins.ContextCompression;
using Fairlead.Inference.Plugins.Moderation;
using Fairlead.Inference.Plugins.ResponseHealing;
using Fairlead.Inference.Plugins.ServerTools;
using Fairlead.Inference.Plugins.WebSearch;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Inference.Plugins;

/// <summary>Registers the plugins: one line each, in the order in which they act.</summary>
internal static class PluginServices
{
    public static IServiceCollection AddPlugins(this IServiceCollection services)
    {
        services.AddSingleton<PluginSet>();
        services.AddSingleton<PluginSteps>();
        services.AddSingleton<Moderator>();
        services.AddSingleton<SearchClient>();
        services.AddSingleton<PageReader>();
        services.AddSingleton<ServerToolLoop>();
        services.AddSingleton<PdfTextExtractor>();
        services.AddSingleton<MistralOcr>();
        services.AddSingleton<ParsedFiles>();
        services.AddSingleton<FileReader>();
        services.AddSingleton<IPlugin, ModerationPlugin>();
        services.AddSingleton<IPlugin, WebSearchPlugin>();
        services.AddSingleton<IPlugin, FileParserPlugin>();
        services.AddSingleton<IPlugin, ResponseHealingPlugin>();
        services.AddSingleton<IPlugin, ServerToolsPlugin>();
        services.AddSingleton<IPlugin, ContextCompressionPlugin>();
        return services;
    }
}
