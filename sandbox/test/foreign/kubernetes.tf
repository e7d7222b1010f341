terraform {
  required_providers {
    kubernetes = { source = "hashicorp/kubernetes" }
  }
}
provider "kubernetes" { config_path = "~/.kube/config" }

resource "kubernetes_persistent_volume_v1" "pv" {
  metadata { name = "pv" }
  spec {
    capacity                         = { storage = "1Gi" }
    access_modes                     = ["ReadWriteOnce"]
    persistent_volume_reclaim_policy = "Retain"
    persistent_volume_source {
      host_path { path = "/data" }
    }
  }
}

resource "kubernetes_ingress_v1" "i" {
  metadata { name = "i" }
  spec {
    rule {
      host = "example.com"
      http {
        path {
          path      = "/"
          path_type = "Prefix"
          backend {
            service {
              name = "web"
              port { number = 80 }
            }
          }
        }
      }
    }
    tls {
      hosts       = ["example.com"]
      secret_name = "tls"
    }
  }
}

resource "kubernetes_stateful_set_v1" "s" {
  metadata { name = "s" }
  spec {
    service_name = "s"
    replicas     = 1
    selector { match_labels = { app = "s" } }
    template {
      metadata { labels = { app = "s" } }
      spec {
        container {
          name  = "c"
          image = "docker.io/library/nginx:1"
          port { container_port = 80 }
        }
      }
    }
  }
}

resource "kubernetes_cron_job_v1" "c" {
  metadata { name = "c" }
  spec {
    schedule = "0 3 * * *"
    job_template {
      metadata {}
      spec {
        template {
          metadata {}
          spec {
            restart_policy = "Never"
            container {
              name  = "c"
              image = "docker.io/library/busybox:1"
            }
          }
        }
      }
    }
  }
}

resource "kubernetes_pod_disruption_budget_v1" "b" {
  metadata { name = "b" }
  spec {
    max_unavailable = "1"
    selector { match_labels = { app = "s" } }
  }
}

resource "kubernetes_limit_range_v1" "l" {
  metadata { name = "l" }
  spec {
    limit {
      type    = "Container"
      default = { memory = "128Mi" }
    }
  }
}

resource "kubernetes_resource_quota_v1" "q" {
  metadata { name = "q" }
  spec { hard = { pods = "10" } }
}

resource "kubernetes_priority_class_v1" "p" {
  metadata { name = "p" }
  value = 100
}

resource "kubernetes_horizontal_pod_autoscaler_v2" "h" {
  metadata { name = "h" }
  spec {
    max_replicas = 3
    scale_target_ref {
      api_version = "apps/v1"
      kind        = "StatefulSet"
      name        = "s"
    }
    metric {
      type = "Resource"
      resource {
        name = "cpu"
        target {
          type                = "Utilization"
          average_utilization = 60
        }
      }
    }
  }
}
