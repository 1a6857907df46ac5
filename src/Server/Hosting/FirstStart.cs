using System.Globalization;
using System.Text;
using Fairlead.Accounts.Bootstrap;
using Fairlead.Catalog.Snapshot;
using Fairlead.Ledger;
using Fairlead.Server.Commands;
using Fairlead.Server.Demo;

namespace Fairlead.Server.Hosting;

/// <summary>Makes the first account, as the <c>FAIRLEAD_BOOTSTRAP_*</c> variables say, and words what its owner must be told once.</summary>
internal static class FirstStart
{
    /// <summary>Makes the account; null when there was one already.</summary>
    public static async Task<BootstrapOutcome?> RunAsync(IServiceProvider services, ProcessEnvironment environment, CancellationToken cancellationToken)
    {
        var values = new BootstrapValues
        {
            Key = environment.Get("FAIRLEAD_BOOTSTRAP_KEY"),
            Credits = Amount(environment.Get("FAIRLEAD_BOOTSTRAP_CREDITS")),
            ProvisioningKey = environment.Get("FAIRLEAD_BOOTSTRAP_PROVISIONING_KEY"),
            Email = environment.Get("FAIRLEAD_BOOTSTRAP_EMAIL"),
            Password = environment.Get("FAIRLEAD_BOOTSTRAP_PASSWORD"),
        };
        try
        {
            var outcome = await services.GetRequiredService<AccountBootstrap>().ApplyAsync(values, cancellationToken);
            return outcome.Created ? outcome : null;
        }
        catch (FormatException e)
        {
            throw new CommandFailure(ExitCode.Usage, e.Message, e);
        }
    }

    /// <summary>What is printed, once. Secrets that were given by the environment are not repeated.</summary>
    public static string Notice(BootstrapOutcome outcome, string url, CatalogSnapshot catalog)
    {
        var text = new StringBuilder().AppendLine("First start: the first account was made. This is shown once.").AppendLine();
        if (outcome.GeneratedKey is { } key)
            text.AppendLine(CultureInfo.InvariantCulture, $"  API key        {key}");
        if (outcome.SetupToken is { } token)
            text.AppendLine(CultureInfo.InvariantCulture, $"  Set-up token   {token}");
        text.AppendLine().AppendLine("Try it:").AppendLine();
        var curl = CurlLine(url, outcome.GeneratedKey ?? "$FAIRLEAD_BOOTSTRAP_KEY", FirstModel(catalog));
        text.AppendLine(CultureInfo.InvariantCulture, $"  {curl}").AppendLine();
        return text.ToString();
    }

    // One line, so that it can be pasted anywhere; double quotes only around the header, where the shell may have to fill in the key.
    private static string CurlLine(string url, string key, string? model) => model is null
        ? $"curl {url}/api/v1/key -H \"Authorization: Bearer {key}\""
        : $"curl -N {url}/api/v1/chat/completions -H \"Authorization: Bearer {key}\" -H 'Content-Type: application/json' "
            + $"-d '{{\"model\":\"{model}\",\"stream\":true,\"messages\":[{{\"role\":\"user\",\"content\":\"Say hello.\"}}]}}'";

    // The cheapest model that writes text, so that trying it costs next to nothing; null when no provider is live.
    private static string? FirstModel(CatalogSnapshot catalog) => catalog.Models
        .Where(model => model is { Router: RouterKind.None, LiveEndpoints.Count: > 0 } && model.Architecture.OutputModalities.Contains("text"))
        .OrderBy(model => model.Id != DemoLayer.FirstModel)
        .ThenBy(model => model.LiveEndpoints.Min(endpoint => endpoint.Pricing.Completion))
        .FirstOrDefault()?.Id;

    private static Credits? Amount(string? text)
    {
        if (text is null)
            return null;
        try
        {
            return Credits.Exact(decimal.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new CommandFailure(ExitCode.Usage, "FAIRLEAD_BOOTSTRAP_CREDITS is not an amount of US dollars.", e);
        }
    }
}
