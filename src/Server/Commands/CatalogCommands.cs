using System.CommandLine;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Server.Commands;

/// <summary><c>fairlead catalog validate</c>. Needs neither a server nor a database.</summary>
internal static class CatalogCommands
{
    /// <summary>Adds the commands.</summary>
    public static void AddTo(RootCommand root, CommonOptions common)
    {
        var files = new Argument<string[]>("FILE") { Description = "Configuration files, checked together in this order on top of the shipped catalog.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "Also list every model and endpoint, and why one is never used. FILE may be left out." };
        var validate = new Command("validate", "Checks configuration files; names file, line and reason of every mistake.") { files, all };
        validate.Validators.Add(command =>
        {
            if (command.GetResult(files) is null or { Tokens.Count: 0 } && !command.GetValue(all))
                command.AddError("Give at least one FILE, or --all to list the shipped catalog.");
        });
        validate.SetAction((line, cancellationToken) => ValidateAsync(
            line.GetValue(files) ?? [], line.GetValue(all), common.Environment, line.InvocationConfiguration.Output, line.InvocationConfiguration.Error, cancellationToken));
        root.Add(new Command("catalog", "Models, providers and prices.") { validate });
    }

    private static async Task<int> ValidateAsync(
        string[] files, bool all, ProcessEnvironment environment, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var outcome = new CatalogLoader(environment.Get).Load(files, layers: []);
        foreach (var mistake in outcome.Mistakes)
            await error.WriteLineAsync(mistake.ToString());
        foreach (var warning in outcome.Warnings)
            await error.WriteLineAsync("warning: " + warning);
        if (outcome.Snapshot is not { } snapshot)
            return ExitCode.Wrong;

        if (all)
        {
            foreach (var model in snapshot.Models)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await output.WriteLineAsync($"{model.Id}");
                foreach (var endpoint in model.Endpoints)
                    await output.WriteLineAsync($"  {endpoint.Tag,-32} {State(endpoint)}");
            }
        }

        await output.WriteLineAsync(
            $"{snapshot.Models.Count} models, {snapshot.Models.Sum(model => model.Endpoints.Count)} endpoints, {snapshot.Models.Sum(model => model.LiveEndpoints.Count)} of them live, "
            + $"{snapshot.Providers.Count} providers, {snapshot.Providers.Count(provider => provider.Live)} of them live.");
        return ExitCode.Done;
    }

    private static string State(ModelEndpoint endpoint) =>
        endpoint.NotDispatchable is { } reason ? "never used: " + reason
        : endpoint.Provider.Live ? "live"
        : $"not live: {endpoint.Provider.NotLive ?? "its provider has no key"}";
}
