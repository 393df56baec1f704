using System.Text.RegularExpressions;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace ExposureMonitor.Deploy.Tests;

/// <summary>Every manifest parses, and what one names another one has, as it stands after kustomize.</summary>
public sealed class Manifests
{
    public static TheoryData<string> Overlays => ["base", "overlays/small", "overlays/production"];

    [Fact]
    public void Every_file_parses()
    {
        var files = Directory.GetFiles(Path.Combine(Tools.Root, "deploy"), "*.yaml", SearchOption.AllDirectories).Concat(Directory.GetFiles(Path.Combine(Tools.Root, "deploy"), "*.yml", SearchOption.AllDirectories)).ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var documents = Yaml.Parse(File.ReadAllText(file));
            Assert.True(documents.Count > 0, file);
            if (!file.Contains("k8s", StringComparison.Ordinal)) continue;
            foreach (var document in documents)
            {
                Assert.False(string.IsNullOrEmpty(Yaml.Text(document, "apiVersion")), file);
                Assert.False(string.IsNullOrEmpty(Yaml.Text(document, "kind")), file);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Kustomizations_name_files_that_are_there(string overlay)
    {
        var folder = Path.Combine(Tools.Root, "deploy", "k8s", overlay);
        var root = Yaml.Parse(File.ReadAllText(Path.Combine(folder, "kustomization.yaml")))[0];
        foreach (var resource in Yaml.List(root, "resources").Select(r => r.ToString())) Assert.True(Path.Exists(Path.Combine(folder, resource)), $"{overlay}: {resource}");
        foreach (var patch in Yaml.List(root, "patches").Select(p => Yaml.Text(p, "path")).Where(p => p.Length > 0)) Assert.True(File.Exists(Path.Combine(folder, patch)), $"{overlay}: {patch}");
        // Nothing that is written is left out.
        if (overlay == "base")
            Assert.Equal(Directory.GetFiles(folder, "*.yaml").Select(f => Path.GetFileName(f)!).Where(f => f != "kustomization.yaml").Order(), Yaml.List(root, "resources").Select(r => r.ToString()).Order());
    }

    [ToolTheory("kubectl")]
    [MemberData(nameof(Overlays))]
    public void What_is_rendered_belongs_together(string overlay)
    {
        var all = Yaml.Parse(Tools.Run("kubectl", "kustomize", Path.Combine(Tools.Root, "deploy", "k8s", overlay)));
        var named = all.Select(d => (Kind: Yaml.Text(d, "kind"), Name: Yaml.Text(d, "metadata", "name"))).ToHashSet();
        Assert.Equal(all.Count, named.Count);
        var set = all.Single(d => Yaml.Text(d, "kind") == "StatefulSet");
        var pod = Yaml.At(set, "spec", "template");
        var labels = Yaml.Map(pod, "metadata", "labels");
        var container = Yaml.List(pod, "spec", "containers").Single();
        var ports = Yaml.List(container, "ports").Select(p => Yaml.Text(p, "name")).ToHashSet();

        Assert.Contains(("Service", Yaml.Text(set, "spec", "serviceName")), named);
        Assert.Contains(("ServiceAccount", Yaml.Text(pod, "spec", "serviceAccountName")), named);
        Assert.Subset(labels.ToHashSet(), Yaml.Map(set, "spec", "selector", "matchLabels").ToHashSet());
        foreach (var source in Yaml.List(container, "envFrom")) Assert.Contains(("ConfigMap", Yaml.Text(source, "configMapRef", "name")), named);
        var volumes = Yaml.List(pod, "spec", "volumes").Select(v => Yaml.Text(v, "name")).ToHashSet();
        foreach (var mount in Yaml.List(container, "volumeMounts")) Assert.Contains(Yaml.Text(mount, "name"), volumes);
        foreach (var probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"]) Assert.Contains(Yaml.Text(container, probe, "httpGet", "port"), ports);
        foreach (var service in all.Where(d => Yaml.Text(d, "kind") == "Service"))
        {
            Assert.Subset(labels.ToHashSet(), Yaml.Map(service, "spec", "selector").ToHashSet());
            foreach (var port in Yaml.List(service, "spec", "ports")) Assert.Contains(Yaml.Text(port, "targetPort"), ports);
        }

        foreach (var kind in (string[])["PodDisruptionBudget", "NetworkPolicy"])
        {
            var one = all.Single(d => Yaml.Text(d, "kind") == kind);
            Assert.Subset(labels.ToHashSet(), Yaml.Map(one, "spec", kind == "NetworkPolicy" ? "podSelector" : "selector", "matchLabels").ToHashSet());
        }

        foreach (var path in Yaml.List(all.Single(d => Yaml.Text(d, "kind") == "Ingress"), "spec", "rules").SelectMany(r => Yaml.List(r, "http", "paths")))
        {
            var service = all.Single(d => Yaml.Text(d, "kind") == "Service" && Yaml.Text(d, "metadata", "name") == Yaml.Text(path, "backend", "service", "name"));
            Assert.Contains(Yaml.Text(path, "backend", "service", "port", "name"), Yaml.List(service, "spec", "ports").Select(p => Yaml.Text(p, "name")));
        }

        // What the pod must not be allowed, and what it must be told.
        Assert.Equal(("true", "false", "true"), (Yaml.Text(pod, "spec", "securityContext", "runAsNonRoot"), Yaml.Text(container, "securityContext", "allowPrivilegeEscalation"), Yaml.Text(container, "securityContext", "readOnlyRootFilesystem")));
        var settings = all.Single(d => Yaml.Text(d, "kind") == "ConfigMap");
        var told = Yaml.Map(settings, "data").Select(p => p.Key).Concat(Yaml.List(container, "env").Select(e => Yaml.Text(e, "name"))).ToList();
        var known = Regex.Matches(File.ReadAllText(Path.Combine(Tools.Root, "src", "Silo", "SiloOptions.cs")), "\"((?:Journal|Cluster|Api|Kafka):[A-Za-z]+)\"").Select(m => m.Groups[1].Value).ToHashSet();
        foreach (var name in told.Where(n => n is not ("EXPOSURE_SETTINGS" or "EXPOSURE_SECRETS_KEY"))) Assert.Contains(name["EXPOSURE_".Length..].Replace("__", ":", StringComparison.Ordinal), known);
        // Secrets come by reference alone.
        Assert.DoesNotContain(all, d => Yaml.Text(d, "kind") == "Secret");
        Assert.DoesNotContain(Yaml.Map(settings, "data"), p => p.Value.Contains("assword", StringComparison.Ordinal));
    }
}

/// <summary>Reading documents without a schema.</summary>
internal static class Yaml
{
    internal static List<YamlNode> Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(d => d.RootNode)];
    }

    internal static YamlNode? At(YamlNode? node, params string[] path)
    {
        foreach (var name in path) node = node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(name), out var next) ? next : null;
        return node;
    }

    internal static string Text(YamlNode? node, params string[] path) => (At(node, path) as YamlScalarNode)?.Value ?? "";

    internal static IEnumerable<YamlNode> List(YamlNode? node, params string[] path) => At(node, path) is YamlSequenceNode list ? list.Children : [];

    internal static IEnumerable<KeyValuePair<string, string>> Map(YamlNode? node, params string[] path) =>
        At(node, path) is YamlMappingNode map ? map.Children.Select(c => new KeyValuePair<string, string>(c.Key.ToString(), c.Value.ToString())) : [];
}
