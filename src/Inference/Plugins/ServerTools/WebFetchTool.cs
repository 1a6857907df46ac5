using System.Globalization;
using System.Text.Json;
using Tools = Fairlead.Protocols.Canonical.ServerTools;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary><c>openrouter:web_fetch</c>: a public page as text, within the caller's lists of sites.</summary>
internal sealed class WebFetchTool(PageReader pages, int mostUses, int mostTokens, IReadOnlyList<string> allowed, IReadOnlyList<string> blocked) : ServerTool(Tools.WebFetch, mostUses)
{
    protected override async ValueTask<string> RunAsync(PluginCall call, JsonElement arguments)
    {
        if (Text(arguments, "url") is not { } url)
            return Error("The argument url is missing.");
        var (page, error) = await pages.ReadAsync(url, MayVisit, mostTokens, call.Cancellation);
        return page is null ? Error(error!) : Json(writer =>
        {
            writer.WriteString("url"u8, page.Url);
            writer.WriteString("title"u8, page.Title);
            writer.WriteString("content"u8, page.Text);
            writer.WriteNumber("status"u8, page.Status);
            writer.WriteString("retrieved_at"u8, call.Context.Time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        });
    }

    private bool MayVisit(string host) => (allowed.Count == 0 || allowed.Any(domain => Covers(domain, host))) && !blocked.Any(domain => Covers(domain, host));

    /// <summary>A domain covers itself and what is under it.</summary>
    private static bool Covers(string domain, string host)
    {
        domain = domain.StartsWith("*.", StringComparison.Ordinal) ? domain[2..] : domain;
        return host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
    }
}
